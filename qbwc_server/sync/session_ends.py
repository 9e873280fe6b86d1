"""How a session ends: what it held without an answer becomes uncertain, its iterators are dead."""

from collections.abc import Sequence
from datetime import datetime

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.operations import Request
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.sessions import MessageSet, Session, SessionState, SetState, went_wrong
from qbwc_server.storage import Transaction, days, events, lists, records, sessions
from qbwc_server.sync import raw_requests


def end_session(
    conn: Transaction,
    connector: Connector,
    session: Session,
    reason: str,
    *,
    now: datetime,
    state: SessionState = SessionState.CLOSED,
) -> None:
    """End a live session; an unanswered message set of it becomes uncertain, its iterators are dead."""
    unanswered = sessions.unanswered(conn, session.id)
    if unanswered is not None:
        lose_answer(conn, connector, unanswered, now=now)
    lists.drop_iterators(conn, connector.id)
    sessions.change(conn, session.id, state=state, ended_at=now, end_reason=reason)
    days.add(conn, connector.id, now, visits=1, visits_failed=int(went_wrong(state, reason)))
    events.add(conn, connector.id, ConnectorHappening.VISIT_ENDED, at=now, actor="server", detail=reason)


def lose_answer(conn: Transaction, connector: Connector, message_set: MessageSet, *, now: datetime) -> None:
    """The answer to a message set, or a part of it, is not to be had: its unsettled writes are uncertain."""
    open_requests = [item for item in sessions.requests_of(conn, message_set.id) if not item.settled]
    writes = [item for item in open_requests if item.operation.writes]
    # the answer to a write of somebody else still counts if it turns up
    is_over = (item.id for item in open_requests if not item.operation.changes_the_file)
    sessions.settle_all(conn, is_over)
    raw_requests.lose(conn, connector, open_requests, now=now)
    sent = [record for record in records_of(conn, writes) if record.state is State.SENT]
    records.move_all(conn, sent, State.UNCERTAIN, now=now, actor="server")
    state = SetState.UNCERTAIN if writes else SetState.SETTLED
    sessions.change_set(conn, message_set.id, state=state)


def record_of(conn: Transaction, request: Request) -> Record:
    """The record that a request writes."""
    if request.record_id is None:
        raise RuntimeError(f"request {request.id} writes no record")
    return records.get(conn, request.record_id)


def records_of(conn: Transaction, writes: Sequence[Request]) -> list[Record]:
    """The records that these write, in their order."""
    ids = [item.record_id for item in writes if item.record_id is not None]
    found = records.get_all(conn, ids)
    return [found[record_id] for record_id in ids]

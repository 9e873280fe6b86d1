"""Refusals of whole message sets: who is to blame, and what waits."""

from datetime import datetime

from qbwc_server.domain.causes import Refused
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.operations import Request
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.retries import Trouble, next_step
from qbwc_server.domain.sessions import MessageSet, SetState
from qbwc_server.storage import Transaction, gathering, records, sessions
from qbwc_server.sync import pauses, resolve, session_ends
from qbwc_server.sync.check import Finding
from qbwc_server.visit import untold
from qbwc_server.visit.operations import raw, register
from qbxml import status

_CANNOT_PARSE = "0x80040400"
"""The hresult of a message set in which some request cannot be parsed; QuickBooks does not say which."""


def refuse_set(
    conn: Transaction,
    connector: Connector,
    message_set: MessageSet,
    hresult: str,
    message: str,
    *,
    now: datetime,
    address: str | None,
) -> bool:
    """QuickBooks' request processor rejected a whole message set.

    Returns:
        True when nothing in it can have been executed, so that the session may go on: its writes are sent
        again by halves until the one that cannot be parsed is alone, and blocked. False when none of them is
        to blame and the session must end: they are queued for later, or uncertain if the outcome is unknown.
    """
    known = status.hresults.get(hresult)
    sessions.change_set(conn, message_set.id, hresult=hresult, hresult_message=message, answered_at=now)
    sessions.change(conn, message_set.session_id, has_refusal=True)
    answer = QuickBooksAnswer(hresult, None, message or None)
    if known.executed is not False:
        session_ends.lose_answer(conn, connector, message_set, now=now)
        untold.failed(conn, connector, known.remedy, answer, now=now, address=address)
        return False
    open_requests = [item for item in sessions.requests_of(conn, message_set.id) if not item.settled]
    if any(item.operation.is_raw for item in open_requests):
        return _refuse_raw(conn, connector, message_set, open_requests, answer, now=now, address=address)
    writes = [item for item in open_requests if item.operation.writes]
    for item in open_requests:
        if item.operation in register.GIVING_UP and not writes:
            register.GIVING_UP[item.operation](conn, connector, item, answer, now=now)
    sessions.settle_all(conn, (item.id for item in open_requests))
    sessions.change_set(conn, message_set.id, state=SetState.REFUSED)
    if not writes:
        untold.refuse_queries(conn, connector, open_requests, answer, known.remedy, now=now, address=address)
    elif known.code != _CANNOT_PARSE:
        with gathering.gathered(conn):
            for record in session_ends.records_of(conn, writes):
                step = next_step(Trouble.SET_REFUSED, record.attempts)
                values = pauses.columns(record, Trouble.SET_REFUSED, step, answer, now=now)
                records.move(conn, record, State.QUEUED, now=now, actor="quickbooks", **values)
        untold.failed(conn, connector, known.remedy, answer, now=now, address=address)
        return False
    elif len(writes) == 1:
        (only,) = session_ends.records_of(conn, writes)
        finding = Finding(Refused(only.label, known.remedy), answer)
        resolve.block(conn, connector, only, [finding], now=now, actor="quickbooks")
        records.end_isolation(conn, connector.id)
    else:
        _isolate(conn, connector, message_set, session_ends.records_of(conn, writes), now=now)
    return True


def _refuse_raw(
    conn: Transaction,
    connector: Connector,
    message_set: MessageSet,
    requests: list[Request],
    answer: QuickBooksAnswer,
    *,
    now: datetime,
    address: str | None,
) -> bool:
    """What somebody else has written goes in message sets of its own: only that is refused with one."""
    known = status.hresults.get(answer.code)
    is_to_blame = known.code == _CANNOT_PARSE
    sessions.settle_all(conn, (item.id for item in requests))
    sessions.change_set(conn, message_set.id, state=SetState.REFUSED)
    raw.refuse(conn, connector, requests, answer, known.remedy, is_to_blame=is_to_blame, now=now)
    if not is_to_blame:
        untold.failed(conn, connector, known.remedy, answer, now=now, address=address)
    return is_to_blame


def _isolate(
    conn: Transaction, connector: Connector, message_set: MessageSet, members: list[Record], *, now: datetime
) -> None:
    """Put refused records back, marked as the ones among which the culprit is; the planner tries half of them.

    What was suspected besides them is cleared: the culprit is here, and a second one would show again.
    """
    records.end_isolation(conn, connector.id)
    mark = records.suspicion(message_set.id)
    records.move_all(conn, members, State.QUEUED, now=now, actor="quickbooks", isolation=mark)

"""Refusals of whole message sets: who is to blame, and what waits."""

from datetime import datetime

from qbwc_server.domain.causes import QuickbooksUnreachable, Refused
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.operations import LoadingList, Operation, Purpose, Request
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.retries import Do, Trouble, next_step
from qbwc_server.domain.sessions import MessageSet, SetState
from qbwc_server.storage import Transaction, connectors, gathering, records, sessions
from qbwc_server.sync import connector_errors, pauses, resolve, session_ends
from qbwc_server.sync.check import Finding
from qbwc_server.sync.work import Work
from qbxml import status

from . import refresh, settlement

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
    answer = QuickBooksAnswer(hresult, None, message or None)
    if known.executed is not False:
        session_ends.lose_answer(conn, connector, message_set, now=now)
        _failed(conn, connector, known.remedy, answer, now=now, address=address)
        return False
    open_requests = [item for item in sessions.requests_of(conn, message_set.id) if not item.settled]
    writes = [item for item in open_requests if item.operation.writes]
    for item in open_requests:
        if isinstance(item.purpose, LoadingList) and not writes:
            refresh.give_up(conn, connector, item.purpose, answer, now=now)
    sessions.settle_all(conn, (item.id for item in open_requests))
    sessions.change_set(conn, message_set.id, state=SetState.REFUSED)
    if not writes:
        refuse_queries(conn, connector, open_requests, answer, known.remedy, now=now, address=address)
    elif known.code != _CANNOT_PARSE:
        with gathering.gathered(conn):
            for record in session_ends.records_of(conn, writes):
                step = next_step(Trouble.SET_REFUSED, record.attempts)
                values = pauses.columns(record, Trouble.SET_REFUSED, step, answer, now=now)
                records.move(conn, record, State.QUEUED, now=now, actor="quickbooks", **values)
        _failed(conn, connector, known.remedy, answer, now=now, address=address)
        return False
    elif len(writes) == 1:
        (only,) = session_ends.records_of(conn, writes)
        finding = Finding(Refused(only.label, known.remedy), answer)
        resolve.block(conn, connector, only, [finding], now=now, actor="quickbooks")
        records.end_isolation(conn, connector.id)
    else:
        _isolate(conn, connector, message_set, session_ends.records_of(conn, writes), now=now)
    return True


def _failed(
    conn: Transaction,
    connector: Connector,
    remedy: str,
    answer: QuickBooksAnswer,
    *,
    now: datetime,
    address: str | None,
) -> None:
    cause = QuickbooksUnreachable(remedy, was_reached=True)
    connector_errors.happened(conn, connector, cause, answer, now=now, address=address)


def _isolate(
    conn: Transaction, connector: Connector, message_set: MessageSet, members: list[Record], *, now: datetime
) -> None:
    """Put refused records back, marked as the ones among which the culprit is; the planner tries half of them.

    What was suspected besides them is cleared: the culprit is here, and a second one would show again.
    """
    records.end_isolation(conn, connector.id)
    mark = records.suspicion(message_set.id)
    records.move_all(conn, members, State.QUEUED, now=now, actor="quickbooks", isolation=mark)


def refuse_queries(
    conn: Transaction,
    connector: Connector,
    requests: list[Request],
    answer: QuickBooksAnswer,
    remedy: str,
    *,
    now: datetime,
    address: str | None,
) -> None:
    """A set of queries was refused: what they were for has to wait, or they would be sent for ever."""
    with resolve.working(conn, connector, now=now) as work:
        for item in requests:
            _let_wait(work, item.purpose, answer, remedy)
    if any(item.operation is Operation.VERIFY for item in requests):
        # what was synced last is looked at again with the next refresh; nothing waits for it
        connectors.change(conn, connector.id, is_verifying=False)
    _failed(conn, connector, remedy, answer, now=now, address=address)


def _let_wait(work: Work, purpose: Purpose, answer: QuickBooksAnswer, remedy: str) -> None:
    """Whatever a refused query was for has to wait."""
    conn, connector, now = work.conn, work.connector, work.now
    sent = sessions.find_requests(conn, connector.id, purpose.attempts())
    concerned = [
        *purpose.waiting(),
        *(attempt.record_id for attempt in sent.values() if attempt.record_id is not None),
    ]
    resolve.foresee_errors(work, records.get_all(conn, concerned).values())
    for attempt in sent.values():
        record = session_ends.record_of(conn, attempt)
        if record.state is State.UNCERTAIN and not _is_resting(record, now):
            settlement.ask_later(conn, connector, record, attempt.id, answer, now=now)
    for record_id in purpose.waiting():
        record = records.get(conn, record_id)
        # several things may have been asked about it in one message set
        if record.state is State.QUEUED and not _is_resting(record, now):
            question_refused(conn, connector, record, answer, remedy, now=now)


def _is_resting(record: Record, now: datetime) -> bool:
    return record.not_before is not None and record.not_before > now


def question_refused(
    conn: Transaction,
    connector: Connector,
    record: Record,
    answer: QuickBooksAnswer,
    remedy: str,
    *,
    now: datetime,
) -> None:
    """QuickBooks would not tell what has to be known before a queued record is sent: later, or a person."""
    step = next_step(Trouble.QUESTION_REFUSED, record.attempts)
    if step.do is Do.ASK_A_PERSON:
        finding = Finding(Refused(record.label, remedy), answer)
        resolve.block(conn, connector, record, [finding], now=now, actor="quickbooks")
        return
    values = pauses.columns(record, Trouble.QUESTION_REFUSED, step, answer, now=now)
    records.change(conn, record, now=now, **values)

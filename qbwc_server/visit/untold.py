"""QuickBooks would not tell: whoever waits for the answer is asked about again later, or a person decides."""

from datetime import datetime

from qbwc_server.domain.causes import QuickbooksUnreachable, Refused, Uncertain
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.operations import Purpose, Request
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.retries import Do, Trouble, next_step
from qbwc_server.storage import Transaction, records, sessions
from qbwc_server.sync import connector_errors, pauses, resolve, session_ends
from qbwc_server.sync.check import Finding
from qbwc_server.sync.work import Work


def ask_later(
    conn: Transaction,
    connector: Connector,
    record: Record,
    attempt_id: str,
    answer: QuickBooksAnswer,
    *,
    now: datetime,
) -> None:
    """QuickBooks would not tell: ask again after a while, and a person if that does not come to an end."""
    step = next_step(Trouble.QUESTION_REFUSED, record.attempts)
    if step.do is not Do.ASK_A_PERSON:
        values = pauses.columns(record, Trouble.QUESTION_REFUSED, step, answer, now=now)
        records.change(conn, record, now=now, **values)
        return
    sessions.settle_all(conn, [attempt_id])
    finding = Finding(Uncertain(record.label), answer)
    resolve.block(conn, connector, record, [finding], now=now, actor="quickbooks")


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
    failed(conn, connector, remedy, answer, now=now, address=address)


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
            ask_later(conn, connector, record, attempt.id, answer, now=now)
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


def failed(
    conn: Transaction,
    connector: Connector,
    remedy: str,
    answer: QuickBooksAnswer,
    *,
    now: datetime,
    address: str | None,
) -> None:
    """QuickBooks was reached and did not do its part: told of the connector as a whole."""
    cause = QuickbooksUnreachable(remedy, was_reached=True)
    connector_errors.happened(conn, connector, cause, answer, now=now, address=address)

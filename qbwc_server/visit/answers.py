"""Reading answers: each response settles what it answers, and nothing else."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import qbxml
from qbwc_server.domain.causes import (
    Uncertain,
)
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.operations import (
    Request,
)
from qbwc_server.domain.sessions import MessageSet, Session, SetState
from qbwc_server.storage import Transaction, connectors, gathering, records, sessions
from qbwc_server.sync import list_cache, raw_requests, resolve, session_ends
from qbwc_server.sync.check import Finding
from qbwc_server.visit import settlement
from qbwc_server.visit.operations import register, writes
from qbwc_server.visit.questions import Heard
from qbwc_server.visit.text_size import is_longer_than
from qbxml import Response
from qbxml.guard import DEFAULT_LIMIT, Text

log = logging.getLogger(__name__)

_OUTCOME_UNKNOWN = frozenset({9001, 9002, 9005, 9006})
"""Codes of a message set whose outcome QuickBooks does not tell; its writes must not be sent again."""


class Unreadable(Exception):
    """An answer that is no qbXML, or breaks off; what came before the break has been taken.

    Attributes:
        advice: what people can do if it happens again.
    """

    advice = (
        "If this goes on, restart QuickBooks and the Web Connector, and let QuickBooks check the company file "
        "(File > Utilities > Verify Data)."
    )


class OverLimit(Unreadable):
    """An answer larger than is read; nothing of it has been taken."""

    advice = (
        "Have QuickBooks send less at a time: lower the connector's batch_size, and [sync] page_size in the "
        "server's configuration."
    )


# --- whole answers ------------------------------------------------------------------------------------------


def absorb(
    conn: Transaction, connector: Connector, session: Session, text: str, *, now: datetime
) -> list[MessageSet]:
    """Take in a response document: every response settles its own request, once.

    Returns:
        The message sets it answered for the first time; empty for a repeated or a foreign answer.

    Raises:
        OverLimit: it has more than `DEFAULT_LIMIT` bytes.
        Unreadable: it breaks off or is not qbXML; responses read before that have been taken.
    """
    # before anything of it is read: a part that was taken would be lost again when the rest is refused
    if is_longer_than(DEFAULT_LIMIT, text):
        raise OverLimit(f"it has more than {DEFAULT_LIMIT >> 20} MiB, the most that is read of one answer")
    reader = qbxml.read(Text(text))
    with gathering.gathered(conn):
        taken = _take(conn, connector, session, reader, now=now)
        list_cache.learn_clock(conn, connector, taken.written, now=now)
        answered = [taken.sets[set_id] for set_id in sorted(taken.touched)]
        if not taken.heard and taken.problem is None:
            answered = _silence(conn, session, reader.message_set_status_code)
            if answered and reader.message_set_status_code == 0:
                return [settlement.read_empty_outcome(conn, connector, answered[0], now=now)]
        for message_set in answered:
            _close_set(conn, connector, message_set, reader.message_set_status_code, now=now)
    # all that came before the break is written by now
    if taken.problem is not None:
        raise Unreadable(str(taken.problem))
    return answered


@dataclass(slots=True)
class _Taken:
    """What was taken in of a document so far.

    Attributes:
        touched: the message sets it answered something of for the first time.
        written: the records that QuickBooks answered to writes.
        heard: it answers something that was asked for.
        problem: why some of it, or the rest, cannot be read.
        sets: the message sets whose requests and records have been read.
        strangers: requestIDs that are none of ours: each is looked for once, however often it comes.
    """

    touched: set[int] = field(default_factory=set)
    written: list[Any] = field(default_factory=list)
    heard: bool = False
    problem: qbxml.ReadError | None = None
    sets: dict[int, MessageSet] = field(default_factory=dict)
    strangers: set[str] = field(default_factory=set)


_WRITES_AT_ONCE = 100
"""How many answers to writes are settled together; answers to queries may be large and are read one by one."""


def _take(
    conn: Transaction, connector: Connector, session: Session, reader: qbxml.Reader, *, now: datetime
) -> _Taken:
    """Take in the responses of a document as far as it can be read, in their order."""
    taken = _Taken()
    awaited = sessions.unanswered(conn, session.id)
    if awaited is not None:
        _read_ahead(conn, awaited, taken)
    waiting: list[tuple[Request, Response]] = []

    def settle() -> None:
        _take_writes(conn, connector, waiting, taken, now=now)
        waiting.clear()

    try:
        for response in reader:
            request = _request_of(conn, connector, response, taken)
            if request is None:
                continue
            taken.heard = True
            if request.operation.writes:
                waiting.append((request, response))
            # an answer named as that of a query, whatever was asked, cannot be read any more behind the next one
            if len(waiting) == _WRITES_AT_ONCE or not request.operation.writes or response.is_query:
                settle()
            if not request.operation.writes:
                _take_query(conn, connector, session, request, response, taken, now=now)
    except qbxml.ReadError as error:
        taken.problem = error
    settle()
    return taken


def _take_writes(
    conn: Transaction,
    connector: Connector,
    answered: Sequence[tuple[Request, Response]],
    taken: _Taken,
    *,
    now: datetime,
) -> None:
    fresh: list[writes.Answer] = []
    for request, response in answered:
        is_fresh = _settle(conn, taken, request, response)
        try:
            if response.written is not None:
                taken.written.append(response.written)
            answer = writes.answer(request, response)
        except qbxml.ReadError as error:
            # this response cannot be read, which says nothing about the ones behind it
            taken.problem = error
            if is_fresh:
                sessions.unsettle(conn, request.id)
                taken.touched.add(request.message_set_id)
            continue
        if is_fresh:
            taken.touched.add(request.message_set_id)
            fresh.append(answer)
    writes.read(conn, connector, fresh, now=now)


def _take_query(
    conn: Transaction,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    taken: _Taken,
    *,
    now: datetime,
) -> None:
    if not _settle(conn, taken, request, response):
        return
    taken.touched.add(request.message_set_id)
    try:
        register.READERS[request.operation](Heard(conn, connector, session, request, response, now))
    except qbxml.ReadError as error:
        # this response cannot be read, which says nothing about the ones behind it
        sessions.unsettle(conn, request.id)
        taken.problem = error


def _settle(conn: Transaction, taken: _Taken, request: Request, response: Response) -> bool:
    """Note the answer to a request; False when it had been settled before."""
    code, severity = response.status_code, response.status_severity
    if severity == "Error":
        sessions.change(conn, taken.sets[request.message_set_id].session_id, has_refusal=True)
    return sessions.settle(conn, request.id, code, severity, response.status_message)


def _silence(conn: Transaction, session: Session, status_code: int | None) -> list[MessageSet]:
    """An answer without any response of ours: it leaves open what became of the set that awaits one.

    Unless the set was sent again, as QuickBooks held nothing of it, and the answer is the outcome that QuickBooks
    has stored of it: an empty one, as QuickBooks died before it came to the first request.

    Raises:
        Unreadable: and it does not say why. To send the set again as if nothing had been said could double it.
    """
    unanswered = sessions.unanswered(conn, session.id)
    if unanswered is None:
        return []
    if status_code in _OUTCOME_UNKNOWN or (status_code == 0 and unanswered.resent):
        return [unanswered]
    raise Unreadable("it answers nothing of what was asked")


def _request_of(conn: Transaction, connector: Connector, response: Response, taken: _Taken) -> Request | None:
    """The request that a response answers; with the first of a message set all of it is read."""
    request_id = response.request_id or ""
    known = request_id not in taken.strangers
    request = sessions.find_request(conn, connector.id, request_id) if known else None
    if request is None:
        taken.strangers.add(request_id)
        log.warning("connector %s: an answer to an unknown request was ignored", connector.name)
        return None
    if request.message_set_id not in taken.sets:
        _read_ahead(conn, sessions.get_set(conn, request.message_set_id), taken)
    return request


def _read_ahead(conn: Transaction, message_set: MessageSet, taken: _Taken) -> None:
    """Read the requests of a message set and their records, which are about to be answered."""
    taken.sets[message_set.id] = message_set
    members = sessions.requests_of(conn, message_set.id)
    written = [item.record_id for item in members if item.record_id is not None]
    records.read_ahead(conn, [*written, *(each for item in members for each in item.purpose.waiting())])


def _close_set(
    conn: Transaction,
    connector: Connector,
    message_set: MessageSet,
    status_code: int | None,
    *,
    now: datetime,
) -> None:
    """What is to become of a message set whose answer has been read."""
    sessions.change_set(conn, message_set.id, answered_at=now, status_code=status_code)
    missing = [item for item in sessions.requests_of(conn, message_set.id) if not item.settled]
    if not any(item.operation.writes for item in missing):
        raw_requests.lose(conn, connector, missing, now=now)
        sessions.change_set(conn, message_set.id, state=SetState.ANSWERED)
        if message_set.name is not None:
            connectors.change(conn, connector.id, last_message_set=message_set.name)
        return
    session_ends.lose_answer(conn, connector, message_set, now=now)
    if status_code in _OUTCOME_UNKNOWN:
        _ask_a_person(conn, connector, missing, status_code, now=now)


def _ask_a_person(
    conn: Transaction, connector: Connector, requests: Sequence[Request], status_code: int, *, now: datetime
) -> None:
    """QuickBooks knows the message set but not its outcome: only a person may decide."""
    answer = QuickBooksAnswer(str(status_code), None, None)
    written = [item for item in requests if item.record_id is not None]
    sessions.settle_all(conn, [item.id for item in written])
    found = [
        (record, Finding(Uncertain(record.label), answer))
        for record in session_ends.records_of(conn, written)
    ]
    with resolve.working(conn, connector, now=now) as work:
        resolve.put_off_all(work, found, actor="quickbooks")

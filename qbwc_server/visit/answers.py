"""Reading answers: each response settles what it answers, and nothing else."""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

import qbxml
from qbwc_server.domain.causes import (
    Cause,
    ClosedPeriod,
    InvalidField,
    NameInUse,
    NotPermitted,
    QuickbooksUnreachable,
    ReferenceMissing,
    Refused,
    Uncertain,
)
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.retries import Do, Trouble, next_step
from qbwc_server.domain.sessions import MessageSet, Operation, Request, Session, SetState
from qbwc_server.storage import connectors, records, sessions
from qbwc_server.sync import connector_errors, pauses, resolve, revision, session_ends
from qbwc_server.sync.check import Finding
from qbxml import Response, status
from qbxml.guard import DEFAULT_LIMIT

from . import claims, guid_search, numbers, recovery, refresh, refusals, verify
from .text_stream import as_utf8_file, is_longer_than

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
    conn: Connection, connector: Connector, session: Session, text: str, *, now: datetime
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
    touched: set[int] = set()
    written: list[Any] = []
    heard = False
    problem = None
    # the text was decoded on its way here, whatever encoding its prolog names
    reader = qbxml.read(as_utf8_file(text), encoding="utf-8")
    try:
        for response in reader:
            request = _request_of(conn, connector, response)
            if request is None:
                continue
            heard = True
            try:
                if _absorb_one(conn, connector, session, request, response, now=now):
                    touched.add(request.message_set_id)
                if request.operation.writes and response.written is not None:
                    written.append(response.written)
            except qbxml.ReadError as error:
                # this response cannot be read, which says nothing about the ones behind it
                sessions.unsettle(conn, request.id)
                touched.add(request.message_set_id)
                problem = error
    except qbxml.ReadError as error:
        problem = error
    refresh.learn_clock(conn, connector, written, now=now)
    answered = [sessions.get_set(conn, set_id) for set_id in sorted(touched)]
    if not heard and problem is None:
        answered = _silence(conn, session, reader.message_set_status_code)
        if answered and reader.message_set_status_code == 0:
            return [recovery.read_empty_outcome(conn, connector, answered[0], now=now)]
    for message_set in answered:
        _close_set(conn, connector, message_set, reader.message_set_status_code, now=now)
    if problem is not None:
        raise Unreadable(str(problem))
    return answered


def _silence(conn: Connection, session: Session, status_code: int | None) -> list[MessageSet]:
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


def _request_of(conn: Connection, connector: Connector, response: Response) -> Request | None:
    request = sessions.find_request(conn, connector.id, response.request_id or "")
    if request is None:
        log.warning("connector %s: an answer to an unknown request was ignored", connector.name)
    return request


def _absorb_one(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    *,
    now: datetime,
) -> bool:
    """Take in one response; False when its request had been settled before."""
    message = response.status_message
    if not sessions.settle(conn, request.id, response.status_code, response.status_severity, message):
        return False
    _READERS[request.operation](conn, connector, session, request, response, now)
    return True


def _close_set(
    conn: Connection, connector: Connector, message_set: MessageSet, status_code: int | None, *, now: datetime
) -> None:
    """What is to become of a message set whose answer has been read."""
    sessions.change_set(conn, message_set.id, answered_at=now, status_code=status_code)
    missing = [item for item in sessions.requests_of(conn, message_set.id) if not item.settled]
    if not any(item.operation.writes for item in missing):
        sessions.change_set(conn, message_set.id, state=SetState.ANSWERED)
        if message_set.name is not None:
            connectors.change(conn, connector.id, last_message_set=message_set.name)
        return
    session_ends.lose_answer(conn, connector, message_set, now=now)
    if status_code in _OUTCOME_UNKNOWN:
        _ask_a_person(conn, connector, missing, status_code, now=now)


def _ask_a_person(
    conn: Connection, connector: Connector, requests: list[Request], status_code: int, *, now: datetime
) -> None:
    """QuickBooks knows the message set but not its outcome: only a person may decide."""
    for item in requests:
        if item.record_id is not None:
            record = records.get(conn, item.record_id)
            answer = QuickBooksAnswer(str(status_code), None, None)
            sessions.settle_all(conn, [item.id])
            resolve.block(
                conn,
                connector,
                record,
                [Finding(Uncertain(record.label), answer)],
                now=now,
                actor="quickbooks",
            )


# --- single answers -----------------------------------------------------------------------------------------


def _read_write(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    now: datetime,
) -> None:
    if request.record_id is None:
        raise RuntimeError(f"the write {request.id} has no record")
    record = records.get(conn, request.record_id)
    if record.state not in (State.SENT, State.UNCERTAIN):
        log.warning("connector %s: a late answer to %s came too late", connector.name, record.label)
        return
    written = response.written or response.error_recovery
    known = status.statuses.judge(response.status_code, response.status_severity, response.status_message)
    if known.executed is False:
        _refused(conn, connector, record, request, response, known, now=now)
    elif known.executed is None or written is None:
        # whether it was carried out, or what it is called in QuickBooks, was not said: ask
        _ask_later(conn, connector, record, request, response, known, now=now)
    else:
        _written(conn, connector, record, request, response, written, now=now)


def _ask_later(
    conn: Connection,
    connector: Connector,
    record: Record,
    request: Request,
    response: Response,
    known: status.Status,
    *,
    now: datetime,
) -> None:
    """Leave a write to be looked for in QuickBooks, and to a person if that never comes to an end."""
    # an internal error needs time; a mere silence about the ids does not
    trouble = Trouble.NAME_UNTOLD if known.executed else Trouble.OUTCOME_UNTOLD
    step, answer = next_step(trouble, record.attempts), QuickBooksAnswer.of(response)
    if step.do is Do.ASK_A_PERSON:
        finding = Finding(Uncertain(record.label), answer)
        resolve.block(conn, connector, record, [finding], now=now, actor="quickbooks")
        return
    sessions.unsettle(conn, request.id)
    values = pauses.columns(record, trouble, step, answer, now=now)
    if record.state is State.SENT:
        records.move(conn, record, State.UNCERTAIN, now=now, actor="quickbooks", **values)
    else:
        records.change(conn, record, now=now, **values)


def _written(
    conn: Connection,
    connector: Connector,
    record: Record,
    request: Request,
    response: Response,
    written: Any,
    *,
    now: datetime,
) -> None:
    if response.status_severity == "Warn" and response.status_message:
        warning = f"QuickBooks: {response.status_message} ({response.status_code})"
        record = records.change(conn, record, now=now, warnings=[*record.warnings, warning])
    proof = "message_set" if sessions.is_resent(conn, request.message_set_id) else "answer"
    recovery.arrive(conn, connector, record, request, written, proof, now=now)


def _refused(
    conn: Connection,
    connector: Connector,
    record: Record,
    request: Request,
    response: Response,
    known: status.Status,
    *,
    now: datetime,
) -> None:
    answer = QuickBooksAnswer.of(response)
    trouble = _TROUBLES.get(known.retry)
    step = next_step(trouble, record.attempts, linked=record.link is not None) if trouble else None
    if trouble is None or step is None or step.do is Do.ASK_A_PERSON:
        cause = _cause(record, request, response, known)
        resolve.block(conn, connector, record, [Finding(cause, answer)], now=now, actor="quickbooks")
        return
    values = pauses.columns(record, trouble, step, answer, now=now)
    if step.do is Do.READ_FIRST:
        # the EditSequence is out of date, or it is gone: look at it again before deciding anything
        values["needs_reading"] = True
    detail = f"{response.status_code}: {response.status_message or ''}"
    records.move(conn, record, State.QUEUED, now=now, actor="quickbooks", detail=detail, **values)


_TROUBLES = {status.Retry.REREAD: Trouble.OUT_OF_DATE, status.Retry.TRANSIENT: Trouble.IN_USE}
"""What a refusal of a write is a case of; any other is for a person at once."""


def _name_sent(record: Record, request: Request) -> str:
    """The name a request was to give a list record: a change carries it in the host's words."""
    content = request.data.get("content", {})
    name = request.data.get("name") or content.get("name") or content.get("sku")
    return str(name or record.external_id)


_WORDS_OF_TXN_IDS = {
    "link_to_txn_id": "sales order",
    "link_to_txn": "sales order",
    "set_credit": "credit",
}
_ABOUT_OTHERS = frozenset({3000, 3120, 3140, 3177, 3210})
"""Codes by which QuickBooks refuses a document for another transaction that it names."""


def _transactions_named(value: Any, what: str | None = None) -> Iterator[tuple[str, str]]:
    """The TxnIDs (and TxnLineIDs) by which a document names others: what each is, and the id."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            about = what or _WORDS_OF_TXN_IDS.get(name)
            if not isinstance(inner, str) or name.endswith("_id"):
                yield from _transactions_named(inner, about)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _transactions_named(inner, what)
    elif what is not None and isinstance(value, str):
        yield what, value


def _transaction_refused(record: Record, request: Request, message: str) -> Cause | None:
    """The cause when QuickBooks' sentence is about a transaction or a unit that the document names: neither is in
    the list cache."""
    content = request.data.get("content", record.content)
    for what, txn_id in _transactions_named(content):
        if f'"{txn_id}"' in message:
            return ReferenceMissing(record.label, what, txn_id)
    for line in content.get("lines", ()):
        unit = line.get("unit_of_measure")
        if unit and f'"{unit}"' in message:
            return ReferenceMissing(record.label, "unit of measure", unit, ListName.UNIT_OF_MEASURE_SET)
    return None


def _cause(record: Record, request: Request, response: Response, known: status.Status) -> Cause:
    label, code = record.label, response.status_code
    if code in _ABOUT_OTHERS and record.kind.is_document:
        other = _transaction_refused(record, request, response.status_message or "")
        if other is not None:
            return other
    if code == 3100 and not record.kind.is_document:
        return NameInUse(record.kind.value, _name_sent(record, request))
    if code in (3161, 3171):
        return ClosedPeriod(label)
    if code in (3220, 3260, 3261, 3263):
        return NotPermitted(label)
    if code in (3130, 3140, 3120, 3121):
        return ReferenceMissing(label)
    if 3000 <= code < 3100 or code in (3101, 3110, 3150, 3205, 3270):
        return InvalidField(label)
    return Refused(label, known.remedy)


def _read_number_probe(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    now: datetime,
) -> None:
    numbers.read_probe(conn, connector, session, request, response, now=now)


def _read_conflict_probe(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    now: datetime,
) -> None:
    numbers.read_conflicts(conn, connector, request, response, now=now)


def _read_record_probe(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    now: datetime,
) -> None:
    recovery.read_probe(conn, connector, request.data, response, now=now)


def _read_current(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    now: datetime,
) -> None:
    """How linked records stand in QuickBooks: adopt it, or ask a person who changed or deleted them."""
    if response.status_code >= 1000:
        log.warning(
            "connector %s: QuickBooks refused to read records (%s)", connector.name, response.status_code
        )
    found = {recovery.id_of(item): item for item in response.records}
    for record_id, quickbooks_id in request.data["ids"].items():
        record = records.get(conn, int(record_id))
        if (
            record.state is not State.QUEUED
            or record.link is None
            or record.link.quickbooks_id != quickbooks_id
        ):
            continue
        if response.status_code >= 1000:
            answer = QuickBooksAnswer.of(response)
            refusals.question_refused(conn, connector, record, answer, _remedy(response), now=now)
        elif quickbooks_id in found:
            revision.adopt(conn, connector, record, found[quickbooks_id], now=now)
        else:
            revision.gone(conn, connector, record, record.link, now=now)


def _read_claims(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    now: datetime,
) -> None:
    claims.read(conn, connector, request, response, now=now)


def _remedy(response: Response) -> str:
    return status.statuses.get(response.status_code, response.status_severity).remedy


def _read_guid_search(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    now: datetime,
) -> None:
    guid_search.read(conn, connector, session, request, response, now=now)


def _read_verification(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    now: datetime,
) -> None:
    verify.read(conn, connector, request, response, now=now)


def _read_page(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    now: datetime,
) -> None:
    refused = refresh.read_page(conn, connector, session, request.data, response, now=now)
    if refused:
        # without it nothing can be matched, so everything waits
        cause = QuickbooksUnreachable(_remedy(response), was_reached=True)
        answer = QuickBooksAnswer.of(response)
        connector_errors.happened(conn, connector, cause, answer, now=now, address=session.address)


def _read_deletions(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    now: datetime,
) -> None:
    refresh.read_deletions(conn, connector, request.data, response, now=now)


def _read_deleted_documents(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    now: datetime,
) -> None:
    refresh.read_deleted_documents(conn, connector, request.data, response, now=now)


def _read_greeting(
    conn: Connection,
    connector: Connector,
    session: Session,
    request: Request,
    response: Response,
    now: datetime,
) -> None:
    """Nothing depends on the answer."""


_READERS: dict[Operation, Callable[[Connection, Connector, Session, Request, Response, datetime], None]] = {
    Operation.ADD: _read_write,
    Operation.MOD: _read_write,
    Operation.VOID: _read_write,
    Operation.READ: _read_current,
    Operation.CLAIM: _read_claims,
    Operation.NUMBER_PROBE: _read_number_probe,
    Operation.CONFLICT_PROBE: _read_conflict_probe,
    Operation.RECORD_PROBE: _read_record_probe,
    Operation.GUID_SEARCH: _read_guid_search,
    Operation.VERIFY: _read_verification,
    Operation.LIST_PAGE: _read_page,
    Operation.LIST_DELETED: _read_deletions,
    Operation.TXN_DELETED: _read_deleted_documents,
    Operation.GREETING: _read_greeting,
}

"""Requests that somebody else has written: when they go, how their answers are kept, and what a refusal means.

A write goes alone and once. Queries go several at a time; when their message set is refused whole, each goes alone
next, so that the one that is to blame is found and holds up no other.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from lxml import etree

from qbwc_server.domain.connectors import Connector, may_write
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.operations import Operation, Passing, Request
from qbwc_server.domain.raw_requests import MOST_ANSWER_BYTES, MOST_AT_ONCE, MOST_TRIES, RawRequest, RawState
from qbwc_server.domain.sessions import Session, new_request_id
from qbwc_server.storage import Transaction, connectors, sessions
from qbwc_server.storage import raw_requests as rows
from qbwc_server.storage.columns import RawRequestColumns
from qbwc_server.sync import raw_requests
from qbwc_server.visit.questions import Heard
from qbxml import raw as qb

_TOO_MUCH = (
    f"The answer has more than {MOST_ANSWER_BYTES >> 20} MiB, the most that is kept of one. Ask for less: with a "
    "filter, or with IncludeRetElement."
)


def any_waiting(conn: Transaction, connector: Connector, session: Session | None) -> bool:
    """Whether there is anything to ask or to do."""
    if not connector.has_requests:
        return False
    return rows.any_waiting(conn, connector.id, with_writes=may_write(connector, session))


def was_last(conn: Transaction, connector: Connector, session: Session) -> bool:
    """Whether the last message set of a visit held requests of this kind: then it is the others' turn."""
    newest = sessions.newest_set(conn, session.id) if connector.has_requests else None
    return newest is not None and any(item.operation.is_raw for item in sessions.requests_of(conn, newest))


class Order(NamedTuple):
    """A request that goes to QuickBooks, and what it takes to keep its answer."""

    request: qb.RawRequest
    operation: Operation
    purpose: Passing


def orders(conn: Transaction, connector: Connector, session: Session, *, now: datetime) -> list[Order]:
    """What goes next, noted as sent."""
    if not connector.has_requests:
        return []
    for stale in _waiting(conn, connector, session):
        if stale.state is RawState.SENT and stale.session_id != session.id:
            # its iterator died with the visit it was begun in
            raw_requests.ask_again(conn, stale, now=now)
    found = _waiting(conn, connector, session)
    if not found and not rows.any_waiting(conn, connector.id, with_writes=True):
        connectors.change(conn, connector.id, has_requests=False)
    return [_order(conn, raw, session, now=now) for raw in _together(found)]


def _waiting(conn: Transaction, connector: Connector, session: Session) -> list[RawRequest]:
    return rows.waiting(conn, connector.id, with_writes=may_write(connector, session), limit=MOST_AT_ONCE)


def _together(found: Sequence[RawRequest]) -> list[RawRequest]:
    """Those that go in one message set; the first goes in any case."""
    if found and not _goes_alone(found[0]):
        return [raw for raw in found if not _goes_alone(raw)]
    return list(found[:1])


def _goes_alone(raw: RawRequest) -> bool:
    return raw.writes or raw.alone or raw.follow


def _order(conn: Transaction, raw: RawRequest, session: Session, *, now: datetime) -> Order:
    request_id = new_request_id()
    values: RawRequestColumns = {"request_id": request_id, "session_id": session.id, "sent_at": now}
    if raw.state is RawState.SENT:
        rows.change(conn, raw, now=now, **values)
    else:
        raw_requests.move(conn, raw, RawState.SENT, now=now, actor="server", **values)
    operation = Operation.RAW_WRITE if raw.writes else Operation.RAW_QUERY
    request = qb.RawRequest(raw.name, raw.text, request_id, raw.iterator_id)
    return Order(request, operation, Passing(raw.id))


# --- answers ------------------------------------------------------------------------------------------------


def read(heard: Heard) -> None:
    """Keep the answer as it came; of an iterator that is followed, a page."""
    conn, now = heard.conn, heard.now
    for _, raw in raw_requests.of_requests(conn, heard.connector, [heard.request]):
        if raw.is_answered or raw.state is RawState.CANCELLED:
            continue
        text = etree.tostring(heard.response.whole(), encoding="us-ascii", with_tail=False).decode("ascii")
        is_refused = heard.response.status_severity == "Error"
        if is_refused:
            rows.drop_pages(conn, raw)
            raw = replace(raw, pages=0, size=0)
        size = raw.size + len(text)
        if size > MOST_ANSWER_BYTES:
            rows.drop_pages(conn, raw)
            _end(heard, raw, RawState.REFUSED, {"pages": 0, "size": 0}, problem=_TOO_MUCH)
            return
        rows.keep_page(conn, raw, text)
        counted: RawRequestColumns = {"pages": raw.pages + 1, "size": size}
        if raw.follow and not is_refused and heard.response.iterator_remaining_count:
            # the next page is asked for in this visit; until then it is as sent
            counted |= {"iterator_id": heard.response.iterator_id, "request_id": None}
            rows.change(conn, raw, now=now, **counted)
        else:
            _end(heard, raw, RawState.REFUSED if is_refused else RawState.ANSWERED, counted)


def _end(
    heard: Heard, raw: RawRequest, state: RawState, counted: RawRequestColumns, *, problem: str | None = None
) -> None:
    response = heard.response
    raw_requests.no_longer_uncertain(
        heard.conn, heard.connector, raw, "QuickBooks answered after all", now=heard.now, actor="quickbooks"
    )
    columns: RawRequestColumns = {
        **counted,
        "problem": problem,
        "answered_at": heard.now,
        "iterator_id": None,
        "status_code": response.status_code,
        "status_severity": response.status_severity,
        "status_message": response.status_message,
    }
    told = f"{response.status_code} {response.status_message}".rstrip()
    raw_requests.move(heard.conn, raw, state, now=heard.now, actor="quickbooks", detail=told, **columns)


def refuse(
    conn: Transaction,
    connector: Connector,
    requests: Sequence[Request],
    answer: QuickBooksAnswer,
    remedy: str,
    *,
    is_to_blame: bool,
    now: datetime,
) -> None:
    """Their whole message set was refused, and nothing in it was done.

    Args:
        is_to_blame: one of them is; otherwise it may go better another time.
    """
    asked = raw_requests.of_requests(conn, connector, requests)
    for _, raw in asked:
        if is_to_blame and len(asked) > 1:
            raw_requests.move(
                conn, raw, RawState.QUEUED, now=now, actor="quickbooks", request_id=None, alone=True
            )
        elif is_to_blame or raw.writes or raw.tries + 1 >= MOST_TRIES:
            rows.drop_pages(conn, raw)
            told = ". ".join(filter(None, (answer.code, (answer.message or "").rstrip("."), remedy)))
            raw_requests.move(
                conn,
                raw,
                RawState.REFUSED,
                now=now,
                actor="quickbooks",
                detail=answer.code,
                answered_at=now,
                problem=told,
                pages=0,
                size=0,
            )
        else:
            raw_requests.ask_again(conn, raw, now=now)

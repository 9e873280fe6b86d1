"""Additions, changes and voids: what QuickBooks' answer makes of the records that were written."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qbwc_server.domain.causes import Uncertain
from qbwc_server.domain.causes.answers import cause_of
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.retries import Do, Trouble, next_step
from qbwc_server.domain.sessions import Request
from qbwc_server.storage import errors, records, sessions
from qbwc_server.storage.errors import QuickBooksAnswer
from qbwc_server.sync import pauses, resolve, session_ends
from qbwc_server.sync.check import Finding
from qbwc_server.visit import settlement
from qbxml import Response, status

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What QuickBooks answered to a write.

    Attributes:
        written: the record as it stands there, if that was said.
    """

    request: Request
    response: Response
    known: status.Status
    written: Any


def answer(request: Request, response: Response) -> Answer:
    """What a response says.

    Raises:
        ReadError: that cannot be read with certainty.
    """
    code, severity = response.status_code, response.status_severity
    known = status.statuses.judge(code, severity, response.status_message)
    written = response.written
    if written is None and known.executed is not False:
        written = response.error_recovery
    return Answer(request, response, known, written)


def read(conn: Connection, connector: Connector, answered: Sequence[Answer], *, now: datetime) -> None:
    """Settle writes by their answers: linked, refused, or to be looked for in QuickBooks."""
    arrivals: dict[int, settlement.Arrival] = {}
    refused = [each.request.record_id for each in answered if each.written is None]
    errors.read_ahead(conn, [record_id for record_id in refused if record_id is not None])
    for each in answered:
        if each.request.record_id in arrivals:
            # it was sent twice, and both are answered here: the first has to be linked before the second is judged
            settlement.arrive(conn, connector, list(arrivals.values()), now=now)
            arrivals.clear()
        arrival = _judge(conn, connector, each, now=now)
        if arrival is not None:
            arrivals[arrival.record.id] = arrival
    settlement.arrive(conn, connector, list(arrivals.values()), now=now)


def _judge(
    conn: Connection, connector: Connector, said: Answer, *, now: datetime
) -> settlement.Arrival | None:
    """What an answer says of a write: that QuickBooks holds it; None when it says anything else, which is noted."""
    request, response, known = said.request, said.response, said.known
    record = session_ends.record_of(conn, request)
    if record.state not in (State.SENT, State.UNCERTAIN):
        log.warning("connector %s: a late answer to %s came too late", connector.name, record.label)
        return None
    if known.executed is False:
        _refused(conn, connector, record, request, response, known, now=now)
        return None
    if known.executed is None or said.written is None:
        # whether it was carried out, or what it is called in QuickBooks, was not said: ask
        _ask_later(conn, connector, record, request, response, known, now=now)
        return None
    return _written(conn, record, request, response, said.written, now=now)


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
    conn: Connection, record: Record, request: Request, response: Response, written: Any, *, now: datetime
) -> settlement.Arrival:
    if response.status_severity == "Warn" and response.status_message:
        warning = f"QuickBooks: {response.status_message} ({response.status_code})"
        record = records.change(conn, record, now=now, warnings=[*record.warnings, warning])
    proof = "message_set" if sessions.is_resent(conn, request.message_set_id) else "answer"
    return settlement.Arrival(record, request, written, proof)


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
        told, sentence = request.data.get("content", record.content), response.status_message or ""
        name = _name_sent(record, request)
        cause = cause_of(record, told, name, response.status_code, sentence, known.remedy)
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

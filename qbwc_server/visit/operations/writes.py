"""Additions, changes and voids: what QuickBooks' answer makes of the records that were written."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qbwc_server.domain.causes import Cause, Uncertain
from qbwc_server.domain.causes.answers import cause_of
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.operations import Adding, Request, Writing
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.retries import Do, Trouble, next_step
from qbwc_server.storage import Transaction, sessions
from qbwc_server.sync import pauses, resolve, session_ends
from qbwc_server.sync.check import Finding
from qbwc_server.sync.work import Work
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


def read(conn: Transaction, connector: Connector, answered: Sequence[Answer], *, now: datetime) -> None:
    """Settle writes by their answers: linked, refused, or to be looked for in QuickBooks."""
    with resolve.working(conn, connector, now=now) as work:
        refused = [each.request for each in answered if each.written is None]
        resolve.foresee_errors(work, session_ends.records_of(conn, refused))
        arrivals: dict[int, settlement.Arrival] = {}
        for each in answered:
            if each.request.record_id in arrivals:
                # it was sent twice, and both are answered here: the first has to be linked before
                settlement.arrive(conn, connector, list(arrivals.values()), now=now)
                arrivals.clear()
            arrival = _judge(work, each)
            if arrival is not None:
                arrivals[arrival.record.id] = arrival
        settlement.arrive(conn, connector, list(arrivals.values()), now=now)


def _judge(work: Work, said: Answer) -> settlement.Arrival | None:
    """What an answer says of a write: that QuickBooks holds it; None when it says anything else, which is noted."""
    record = session_ends.record_of(work.conn, said.request)
    if record.state not in (State.SENT, State.UNCERTAIN):
        log.warning("connector %s: a late answer to %s came too late", work.connector.name, record.label)
        return None
    if said.known.executed is False:
        _refused(work, record, said)
        return None
    if said.known.executed is None or said.written is None:
        # whether it was carried out, or what it is called in QuickBooks, was not said: ask
        _ask_later(work, record, said)
        return None
    return _written(work, record, said)


def _ask_later(work: Work, record: Record, said: Answer) -> None:
    """Leave a write to be looked for in QuickBooks, and to a person if that never comes to an end."""
    # an internal error needs time; a mere silence about the ids does not
    trouble = Trouble.NAME_UNTOLD if said.known.executed else Trouble.OUTCOME_UNTOLD
    step, answer = next_step(trouble, record.attempts), QuickBooksAnswer.of(said.response)
    if step.do is Do.ASK_A_PERSON:
        resolve.put_off(work, record, [Finding(Uncertain(record.label), answer)], actor="quickbooks")
        return
    sessions.unsettle(work.conn, said.request.id)
    values = pauses.columns(record, trouble, step, answer, now=work.now)
    if record.state is State.SENT:
        work.move(record, State.UNCERTAIN, actor="quickbooks", **values)
    else:
        work.change(record, **values)


def _written(work: Work, record: Record, said: Answer) -> settlement.Arrival:
    response = said.response
    if response.status_severity == "Warn" and response.status_message:
        warning = f"QuickBooks: {response.status_message} ({response.status_code})"
        record = work.change(record, warnings=[*record.warnings, warning])
    proof = "message_set" if sessions.is_resent(work.conn, said.request.message_set_id) else "answer"
    return settlement.Arrival(record, said.request, said.written, proof)


def _refused(work: Work, record: Record, said: Answer) -> None:
    answer = QuickBooksAnswer.of(said.response)
    trouble = _TROUBLES.get(said.known.retry)
    step = next_step(trouble, record.attempts, linked=record.link is not None) if trouble else None
    if trouble is None or step is None or step.do is Do.ASK_A_PERSON:
        resolve.put_off(work, record, [Finding(_cause(record, said), answer)], actor="quickbooks")
        return
    values = pauses.columns(record, trouble, step, answer, now=work.now)
    if step.do is Do.READ_FIRST:
        # the EditSequence is out of date, or it is gone: look at it again before deciding anything
        values["needs_reading"] = True
    detail = f"{said.response.status_code}: {said.response.status_message or ''}"
    work.move(record, State.QUEUED, actor="quickbooks", detail=detail, **values)


_TROUBLES = {status.Retry.REREAD: Trouble.OUT_OF_DATE, status.Retry.TRANSIENT: Trouble.IN_USE}
"""What a refusal of a write is a case of; any other is for a person at once."""


def _cause(record: Record, said: Answer) -> Cause:
    response, purpose = said.response, said.request.purpose_as(Writing)
    return cause_of(
        record,
        record.content if purpose.content is None else purpose.content,
        _name_sent(record, purpose),
        response.status_code,
        response.status_message or "",
        said.known.remedy,
    )


def _name_sent(record: Record, purpose: Writing) -> str:
    """The name a request was to give a list record: a change carries it in the host's words."""
    content = purpose.content or {}
    name = purpose.name if isinstance(purpose, Adding) else None
    return str(name or content.get("name") or content.get("sku") or record.external_id)

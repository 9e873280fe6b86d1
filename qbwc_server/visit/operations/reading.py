"""How records stand in QuickBooks that are to be changed there: adopted, or a person is asked who changed them."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from qbwc_server.domain import in_quickbooks
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.operations import Operation, Reading
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.sessions import new_request_id
from qbwc_server.storage import records
from qbwc_server.sync import copies, resolve, revision
from qbwc_server.sync.check import Finding
from qbwc_server.visit import untold
from qbwc_server.visit.questions import Heard, Question
from qbxml.requests import Query

log = logging.getLogger(__name__)


def questions(unread: Sequence[Record]) -> Iterator[Question]:
    """Ask how linked records stand, kind by kind."""
    for kind in Kind:
        ids = {
            record.id: record.link.quickbooks_id for record in unread if record.kind is kind and record.link
        }
        if ids:
            selectors: dict[str, Any] = {kind.id_name: list(ids.values())}
            if kind.is_document:
                selectors["include_line_items"] = True
            query = Query(in_quickbooks.KINDS[kind].name, request_id=new_request_id(), **selectors)
            yield Question(query, Operation.READ, Reading(ids))


def read(heard: Heard) -> None:
    """Adopt what QuickBooks shows, or ask a person who changed or deleted it."""
    conn, connector, now = heard.conn, heard.connector, heard.now
    if heard.is_refused:
        log.warning(
            "connector %s: QuickBooks refused to read records (%s)",
            connector.name,
            heard.response.status_code,
        )
    found = {copies.id_of(item): item for item in heard.response.records}
    asked = heard.purpose_as(Reading).ids
    with resolve.working(conn, connector, now=now) as work:
        concerned = [
            record
            for record_id, record in records.get_all(conn, asked).items()
            if record.state is State.QUEUED and record.link and record.link.quickbooks_id == asked[record_id]
        ]
        if heard.is_refused:
            resolve.foresee_errors(work, concerned)
            for record in concerned:
                untold.question_refused(conn, connector, record, heard.answer, heard.remedy, now=now)
            return
        gone = [
            (record, Finding(revision.gone_cause(record, record.link)))
            for record in concerned
            if record.link and record.link.quickbooks_id not in found
        ]
        resolve.put_off_all(work, gone, actor="quickbooks")
        there = [(record, found[asked[record.id]]) for record in concerned if asked[record.id] in found]
        revision.adopt(work, there)

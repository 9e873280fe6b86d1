"""Looking in QuickBooks for records it may have created after all, by the ExternalGUID they were sent with.

A name or a number does not find what a person has renamed or renumbered since. Among all that was changed since
a record was sent, its GUID does.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from qbwc_server.domain import in_quickbooks
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.operations import Adding, Operation, Request, Searching
from qbwc_server.domain.records import Record, State, external_guid
from qbwc_server.domain.sessions import new_request_id
from qbwc_server.storage import Transaction, records, sessions
from qbwc_server.storage.sessions import Addition
from qbwc_server.sync import list_cache, resolve
from qbwc_server.visit import settlement, untold
from qbwc_server.visit.operations import numbers
from qbwc_server.visit.questions import Heard, Question
from qbxml import status
from qbxml.requests import Query


def of_uncertain(conn: Transaction, connector: Connector, attempts: Sequence[Request]) -> Iterator[Question]:
    """Look for the records whose answer was lost; asking for their names and numbers then decides about the rest."""
    ids = [item.record_id for item in attempts if item.operation is Operation.ADD and item.record_id]
    return _searches(conn, connector, records.get_all(conn, ids).values())


def to_be_sought(conn: Transaction, session_id: int | None, found: Sequence[Record]) -> list[Record]:
    """Those of these records that were sent before, nobody knows with what outcome, and that QuickBooks has yet
    to be asked for in this session; None: in a session that has not begun."""
    unasked = {
        record.id: record
        for record in found
        if record.link is None and (session_id is None or record.probed_session_id != session_id)
    }
    sent = {item.request.record_id for item in _unaccounted(conn, list(unasked))}
    return [record for record in unasked.values() if record.id in sent]


def of_queued(conn: Transaction, connector: Connector, wanted: Sequence[Record]) -> Iterator[Question]:
    """Look for records before they are sent again."""
    return _searches(conn, connector, wanted)


def _searches(conn: Transaction, connector: Connector, wanted: Iterable[Record]) -> Iterator[Question]:
    kinds = {record.id: record.kind for record in wanted}
    sent = _unaccounted(conn, list(kinds))
    for kind in Kind:
        ours = [item for item in sent if kinds[item.request.record_id or 0] is kind]
        if ours:
            sent_as = {item.request.record_id or 0: item.request.id for item in ours}
            query = _query(connector, kind, min(item.sent_at for item in ours))
            yield Question(query, Operation.GUID_SEARCH, Searching(kind, sent_as))


def _unaccounted(conn: Transaction, record_ids: Sequence[int]) -> list[Addition]:
    """The requests that may have created one of these records, as QuickBooks never said what became of them.

    Among them are those of which it said later that it does not hold what they wrote: another backup of the
    company file may have been restored since.
    """
    return [
        item
        for item in sessions.additions(conn, record_ids)
        if item.request.purpose_as(Adding).tagged and _is_open(item)
    ]


def _is_open(item: Addition) -> bool:
    if item.status_code is None:
        return True
    return status.statuses.get(item.status_code, item.status_severity or "").executed is None


def _query(connector: Connector, kind: Kind, sent_at: datetime) -> Query:
    since = list_cache.wall_clock_before(connector, sent_at)
    selectors: dict[str, Any] = {"active_status": "All", "from_modified_date": since}
    if kind.is_document:
        selectors = {"modified_date_range_filter": {"from_modified_date": since}}
    fields = list(
        in_quickbooks.document_fields(kind)
        if kind.is_document
        else in_quickbooks.LISTS[ListName(kind)].fields
    )
    return Query(
        in_quickbooks.KINDS[kind].name, request_id=new_request_id(), include_ret_element=fields, **selectors
    )


def read(heard: Heard) -> None:
    """Link what is found. What is not found may be sent, as far as nothing else has to be asked about it."""
    conn, connector, now = heard.conn, heard.connector, heard.now
    attempts = heard.purpose_as(Searching).sent
    asked = records.get_all(conn, attempts)
    if heard.is_refused:
        said, address = heard.answer, heard.session.address
        untold.refuse_queries(conn, connector, [heard.request], said, heard.remedy, now=now, address=address)
        with resolve.working(conn, connector, now=now) as work:
            resolve.foresee_errors(work, asked.values())
            for record_id, attempt_id in attempts.items():
                if asked[record_id].state is State.UNCERTAIN:
                    untold.ask_later(conn, connector, asked[record_id], attempt_id, said, now=now)
        return
    by_guid = {(getattr(item, "external_guid", None) or "").upper(): item for item in heard.response.records}
    sent = sessions.find_requests(conn, connector.id, attempts.values())
    arrivals: list[settlement.Arrival] = []
    clear: list[Record] = []
    for record_id, attempt_id in attempts.items():
        record = asked[record_id]
        attempt = sent.get(attempt_id)
        if attempt is None or record.link is not None:
            continue
        ours = by_guid.get(external_guid(connector.uuid, record).upper())
        if ours is not None and record.state in (State.QUEUED, State.UNCERTAIN):
            arrivals.append(settlement.Arrival(record, attempt, ours, "probe"))
        elif record.state is State.QUEUED and numbers.number(connector, record) is None:
            clear.append(record)
    with resolve.working(conn, connector, now=now):
        sessions.settle_all(conn, [arrival.attempt.id for arrival in arrivals])
        settlement.arrive(conn, connector, arrivals, now=now)
        records.change_all(conn, clear, now=now, probed_session_id=heard.session.id)
        touched = {arrival.attempt.message_set_id for arrival in arrivals}
        settlement.conclude(conn, connector, touched, now=now)

"""Document numbers: which are taken in QuickBooks and by what, and whether one that was taken is free by now."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from qbwc_server.domain import in_quickbooks
from qbwc_server.domain.causes import NumberConflict
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import Narrowed
from qbwc_server.domain.host_records import number_of
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import fold
from qbwc_server.domain.operations import Numbering, Operation, Request
from qbwc_server.domain.records import Record, State, external_guid
from qbwc_server.domain.sessions import Session, new_request_id
from qbwc_server.storage import Transaction, errors, records, sessions
from qbwc_server.sync import copies, list_cache, resolve
from qbwc_server.sync.check import Finding
from qbwc_server.sync.work import Work
from qbwc_server.visit import settlement, untold
from qbwc_server.visit.questions import Heard, Question
from qbxml.requests import Query

log = logging.getLogger(__name__)

AFTER_PROMISE = timedelta(minutes=1)
"""How long to leave a document alone whose number is free, but promised to another one."""

_PROMISED = "Its number is to go to another document that is on its way; it is asked for again."

ASKED_AT_ONCE = 100
"""How many numbers one query asks for."""

_MOST_CONFLICTS = 1000
"""How many number conflicts are looked at with a refresh; what is blocked beyond these is for a person to retry."""


def number(connector: Connector, record: Record) -> str | None:
    """The number a document is to have in QuickBooks, with the connector's prefix; None when QuickBooks is to give
    it one, or for what is no document."""
    if not record.kind.is_document:
        return None
    return number_of(record.content.get("ref_number"), connector.settings)


# --- before a document is sent ------------------------------------------------------------------------------


def needs_probe(connector: Connector, session_id: int | None, record: Record) -> bool:
    """Whether QuickBooks has yet to be asked in this session if a record's number is free; None: in a session that
    has not begun."""
    if record.link is not None or (session_id is not None and record.probed_session_id == session_id):
        return False
    return number(connector, record) is not None


def probe(connector: Connector, kind: Kind, wanted: Sequence[Record]) -> Question | None:
    """Ask for the numbers of documents of a kind; None when they have none."""
    numbers = {record.id: number(connector, record) for record in wanted}
    named = {record_id: text for record_id, text in numbers.items() if text is not None}
    return _probe(kind, named, Operation.NUMBER_PROBE) if named else None


def _probe(kind: Kind, asked: Mapping[int, str], operation: Operation) -> Question:
    query = Query(
        in_quickbooks.KINDS[kind].name,
        request_id=new_request_id(),
        ref_number=list({fold(number): number for number in asked.values()}.values()),
        include_ret_element=list(in_quickbooks.document_fields(kind)),
    )
    return Question(query, operation, Numbering(kind, asked))


def read(heard: Heard) -> None:
    """Which of the numbers asked for are taken, and by what; the others are free in this session."""
    conn, connector, now = heard.conn, heard.connector, heard.now
    if heard.is_refused:
        # no number is known to be free, so sending the documents now could double one
        untold.refuse_queries(
            conn,
            connector,
            [heard.request],
            heard.answer,
            heard.remedy,
            now=now,
            address=heard.session.address,
        )
        return
    found = _by_number(heard.response.records)
    with resolve.working(conn, connector, now=now) as work:
        _judge(work, heard.session, heard.request, found)


def _judge(work: Work, session: Session, request: Request, found: Mapping[str, list[Any]]) -> None:
    conn, connector, now = work.conn, work.connector, work.now
    asking = request.purpose_as(Numbering)
    asked = records.get_all(conn, asking.numbers)
    promised = _promised(conn, connector, session, asking.kind)
    clear: dict[str, Record] = {}
    ours: list[tuple[Record, Any]] = []
    taken: list[tuple[Record, str, Any]] = []
    for record_id, wanted in asking.numbers.items():
        record = asked[record_id]
        key = fold(wanted)
        # of two records with one number the second is asked for again once the first is in QuickBooks
        if record.state is not State.QUEUED or _is_resting(record, now) or key in clear:
            continue
        holders = found.get(key, [])
        copy = _ours(connector, record, holders)
        if copy is not None:
            ours.append((record, copy))
        elif holders:
            taken.append((record, wanted, holders[0]))
        elif promised.get(key, record.id) != record.id:
            records.change(conn, record, now=now, not_before=now + AFTER_PROMISE, pause_reason=_PROMISED)
        else:
            clear[key] = record
    resolve.put_off_all(work, _conflicts(work, taken), actor="quickbooks")
    _link(work, ours)
    records.change_all(conn, list(clear.values()), now=now, probed_session_id=session.id)


def _conflicts(work: Work, taken: Sequence[tuple[Record, str, Any]]) -> list[tuple[Record, Finding]]:
    """What keeps each of these from being sent: the number it wants, and the document that has it."""
    if not taken:
        return []
    of_kind, ids = taken[0][0].kind, {copies.id_of(holder) or "" for _, _, holder in taken}
    owners = {
        owner.link.quickbooks_id: owner
        for owner in records.linked_to(work.conn, work.connector.id, of_kind, ids)
        if owner.link is not None and not owner.is_surplus
    }
    return [
        (
            record,
            Finding(copies.number_conflict(of_kind, wanted, holder, owners.get(copies.id_of(holder) or ""))),
        )
        for record, wanted, holder in taken
    ]


def _is_resting(record: Record, now: datetime) -> bool:
    """Whether something else that was asked about it in the same message set was refused."""
    return record.not_before is not None and record.not_before > now


def _by_number(documents: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in documents:
        found.setdefault(fold(getattr(item, "ref_number", None) or ""), []).append(item)
    return found


def _promised(conn: Transaction, connector: Connector, session: Session, kind: Kind) -> dict[str, int]:
    """The numbers QuickBooks does not hold yet, but may at any moment: number → the record that is to have it.

    A number was found to be free for a record that a full batch kept from being sent, or a record with it is
    on its way. Whoever else wants the number asks for it again when that one is likely to be settled.
    """
    expected = records.on_their_way(conn, connector.id, kind, session.id)
    numbers = {record_id: number_of(given, connector.settings) for record_id, given in expected.items()}
    return {fold(wanted): record_id for record_id, wanted in numbers.items() if wanted is not None}


def _ours(connector: Connector, record: Record, holders: Sequence[Any]) -> Any:
    """The one of these documents that is the record already; None when none is."""
    if not holders:
        return None
    guid = external_guid(connector.uuid, record)
    return next((item for item in holders if copies.is_ours(item, guid)), None)


def _link(work: Work, found: Sequence[tuple[Record, Any]]) -> None:
    """Link records to the documents that they are already."""
    if not found:
        return
    additions = sessions.additions(work.conn, [record.id for record, _ in found])
    latest = {addition.request.record_id: addition.request for addition in additions}
    arrivals: list[settlement.Arrival] = []
    linked: list[resolve.Arrival] = []
    for record, ours in found:
        attempt = latest.get(record.id)
        if attempt is not None:
            # what it was made of may be older than what the host wants by now
            arrivals.append(settlement.Arrival(record, attempt, ours, "probe"))
        else:
            link = copies.link_of(ours, "probe")
            linked.append(resolve.Arrival(record, link, resolve.revision_found(record)))
    resolve.link_all(work, linked, actor="quickbooks")
    settlement.arrive(work.conn, work.connector, arrivals, now=work.now)


# --- while a document is blocked ----------------------------------------------------------------------------


def conflict_probes(conn: Transaction, connector: Connector, kind: Kind) -> Iterator[Question]:
    """Ask again for the numbers that kept documents of a kind from being sent.

    Somebody may have renumbered or deleted the other document since. No list of what was changed shows that,
    so the numbers themselves are asked for, with every refresh.
    """
    conflicts = {
        item.record_id: item.cause.number
        for item in errors.page(
            conn,
            connector.id,
            is_open=True,
            narrowed=Narrowed(cause=NumberConflict.name),
            limit=_MOST_CONFLICTS,
        )
        if item.record_id is not None and item.kind is kind and isinstance(item.cause, NumberConflict)
    }
    record_ids = list(conflicts)
    for start in range(0, len(record_ids), ASKED_AT_ONCE):
        part = record_ids[start : start + ASKED_AT_ONCE]
        yield _probe(kind, {record_id: conflicts[record_id] for record_id in part}, Operation.CONFLICT_PROBE)


def read_conflicts(heard: Heard) -> None:
    """Release the documents whose number is free by now; of the others, say what has the number now."""
    conn, connector, now = heard.conn, heard.connector, heard.now
    if heard.is_refused:
        log.warning(
            "connector %s: QuickBooks refused to look for numbers (%s)",
            connector.name,
            heard.response.status_code,
        )
        return
    found, asking = _by_number(heard.response.records), heard.purpose_as(Numbering)
    asked = records.get_all(conn, asking.numbers)
    ours: list[tuple[Record, Any]] = []
    free: list[int] = []
    with resolve.working(conn, connector, now=now) as work:
        taken: list[tuple[Record, str, Any]] = []
        errors.read_ahead(conn, list(asked))
        for record_id, wanted in asking.numbers.items():
            record = asked[record_id]
            # what was changed since it was asked for is not judged by an answer to the old question
            if record.state is not State.BLOCKED or not _is_in_conflict(conn, record, wanted):
                continue
            holders = found.get(fold(wanted), [])
            copy = _ours(connector, record, holders)
            if copy is not None:
                ours.append((record, copy))
            elif holders:
                taken.append((record, wanted, holders[0]))
            else:
                free.append(record.id)
        resolve.put_off_all(work, _conflicts(work, taken), actor="quickbooks")
        _link(work, ours)
    released = resolve.retry(conn, connector, free, now=now, actor="server")[0] if free else 0
    if released:
        list_cache.count_released(conn, connector, asking.kind, released)


def _is_in_conflict(conn: Transaction, record: Record, wanted: str) -> bool:
    return any(
        isinstance(item.cause, NumberConflict) and item.cause.number == wanted
        for item in errors.of_record(conn, record.connector_id, record.id)
    )
